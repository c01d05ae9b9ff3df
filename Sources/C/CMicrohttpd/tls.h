#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A server's certificates and key, both PEM, which may be replaced while it runs. */
struct imprag_http_identity {
    pthread_mutex_t lock;
    gnutls_datum_t certificates;
    gnutls_datum_t key;
};

/* The most certificates of one chain. */
#define IMPRAG_HTTP_CHAIN 16

/* Checks that the certificates can be read and that the key belongs to the first of them; `begins` and `ends` get when that is
   valid, in seconds since 1970. Returns 0 or GnuTLS's error. */
static inline int imprag_http_identity_check(
    const void *certificates, size_t certificates_size, const void *key, size_t key_size, int64_t *begins,
    int64_t *ends)
{
    gnutls_datum_t chain = {(unsigned char *)certificates, (unsigned)certificates_size};
    gnutls_datum_t secret = {(unsigned char *)key, (unsigned)key_size};
    gnutls_certificate_credentials_t credentials;
    int result = gnutls_certificate_allocate_credentials(&credentials);
    if (result < 0) return result;
    result = gnutls_certificate_set_x509_key_mem2(credentials, &chain, &secret, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_certificate_free_credentials(credentials);
    if (result < 0) return result;
    gnutls_x509_crt_t list[IMPRAG_HTTP_CHAIN];
    unsigned count = IMPRAG_HTTP_CHAIN;
    result = gnutls_x509_crt_list_import(
        list, &count, &chain, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
    if (result < 0) return result;
    *begins = gnutls_x509_crt_get_activation_time(list[0]);
    *ends = gnutls_x509_crt_get_expiration_time(list[0]);
    for (unsigned index = 0; index < count; index++) gnutls_x509_crt_deinit(list[index]);
    return 0;
}

static inline gnutls_datum_t imprag_http_copy(const void *bytes, size_t size)
{
    gnutls_datum_t copy = {malloc(size ? size : 1), (unsigned)size};
    if (!copy.data) abort();
    memcpy(copy.data, bytes, size);
    return copy;
}

static inline struct imprag_http_identity *imprag_http_identity_make(void)
{
    struct imprag_http_identity *identity = calloc(1, sizeof *identity);
    if (!identity) abort();
    pthread_mutex_init(&identity->lock, NULL);
    return identity;
}

static inline void imprag_http_identity_set(
    struct imprag_http_identity *identity, const void *certificates, size_t certificates_size, const void *key,
    size_t key_size)
{
    gnutls_datum_t chain = imprag_http_copy(certificates, certificates_size);
    gnutls_datum_t secret = imprag_http_copy(key, key_size);
    pthread_mutex_lock(&identity->lock);
    free(identity->certificates.data);
    if (identity->key.data) gnutls_memset(identity->key.data, 0, identity->key.size);
    free(identity->key.data);
    identity->certificates = chain;
    identity->key = secret;
    pthread_mutex_unlock(&identity->lock);
}

static inline void imprag_http_identity_free(struct imprag_http_identity *identity)
{
    free(identity->certificates.data);
    if (identity->key.data) gnutls_memset(identity->key.data, 0, identity->key.size);
    free(identity->key.data);
    pthread_mutex_destroy(&identity->lock);
    free(identity);
}

/* GnuTLS asks for certificates without saying whose; a server's handshakes are all on its own thread, which knows. (Inside a
   function, for Swift passes over variables of threads elsewhere.) */
static inline struct imprag_http_identity **imprag_http_identity_of_thread(void)
{
    static __thread struct imprag_http_identity *identity;
    return &identity;
}

/* Hands GnuTLS copies, which it frees: an identity may be replaced during a handshake. */
static inline int imprag_http_retrieve(
    gnutls_session_t session, const struct gnutls_cert_retr_st *info, gnutls_pcert_st **certificates,
    unsigned int *count, gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count, gnutls_privkey_t *key,
    unsigned int *flags)
{
    (void)session;
    (void)info;
    struct imprag_http_identity *identity = *imprag_http_identity_of_thread();
    if (!identity) return -1;
    gnutls_pcert_st *list = gnutls_calloc(IMPRAG_HTTP_CHAIN, sizeof *list);
    gnutls_privkey_t secret = NULL;
    unsigned int found = IMPRAG_HTTP_CHAIN;
    if (!list) return -1;
    pthread_mutex_lock(&identity->lock);
    int result = gnutls_pcert_list_import_x509_raw(list, &found, &identity->certificates, GNUTLS_X509_FMT_PEM, 0);
    if (result < 0) found = 0;
    if (result >= 0) result = gnutls_privkey_init(&secret);
    if (result >= 0) result = gnutls_privkey_import_x509_raw(secret, &identity->key, GNUTLS_X509_FMT_PEM, NULL, 0);
    pthread_mutex_unlock(&identity->lock);
    if (result < 0) {
        for (unsigned index = 0; index < found; index++) gnutls_pcert_deinit(&list[index]);
        gnutls_free(list);
        if (secret) gnutls_privkey_deinit(secret);
        return -1;
    }
    *certificates = list;
    *count = found;
    *ocsp = NULL;
    *ocsp_count = 0;
    *key = secret;
    *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    return 0;
}
