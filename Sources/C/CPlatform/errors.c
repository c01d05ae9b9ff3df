#define _GNU_SOURCE
#include "CPlatform.h"

#include <stdio.h>
#include <string.h>

// The GNU and POSIX variants of strerror_r disagree about their result; only C can ask for one by name.
void imprag_error_message(int number, char *text, size_t size) {
    char scratch[256];
    snprintf(text, size, "%s", strerror_r(number, scratch, sizeof scratch));
}
