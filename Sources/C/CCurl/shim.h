/* Its macros check the arguments of a call that is written out; ours are passed on. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/* `curl_easy_setopt` and `curl_easy_getinfo` take arguments of any type, which Swift cannot call. */

typedef size_t (*imprag_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode imprag_curl_set_number(CURL *handle, CURLoption option, long value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode imprag_curl_set_size(CURL *handle, CURLoption option, curl_off_t value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode imprag_curl_set_text(CURL *handle, CURLoption option, const char *value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode imprag_curl_set_pointer(CURL *handle, CURLoption option, const void *value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode imprag_curl_set_receiver(CURL *handle, CURLoption option, imprag_curl_receiver receiver)
{
    return curl_easy_setopt(handle, option, receiver);
}

typedef int (*imprag_curl_progress)(
    void *context, curl_off_t to_receive, curl_off_t received, curl_off_t to_send, curl_off_t sent);

static inline CURLcode imprag_curl_set_progress(CURL *handle, imprag_curl_progress progress)
{
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
}

static inline long imprag_curl_status(CURL *handle)
{
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
