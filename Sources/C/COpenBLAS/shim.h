#include <cblas.h>

/* LAPACK's eigenvalues of a symmetric matrix (in OpenBLAS, but in none of its headers): all arguments by address. */
void ssyevr_(const char *job, const char *range, const char *uplo, const int *n, float *a, const int *lda, const float *vl,
             const float *vu, const int *il, const int *iu, const float *abstol, int *m, float *w, float *z, const int *ldz,
             int *isuppz, float *work, const int *lwork, int *iwork, const int *liwork, int *info);
