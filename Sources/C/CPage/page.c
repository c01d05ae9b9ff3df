#include "CPage.h"

// `#embed` is C23; clang has it in every dialect, and says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "files/index.html"
};
static const unsigned char page_css[] = {
#embed "files/page.css"
};
static const unsigned char favicon_svg[] = {
#embed "files/favicon.svg"
};
static const unsigned char page_js[] = {
#embed "files/page.js"
};
static const unsigned char dom_js[] = {
#embed "files/dom.js"
};
static const unsigned char api_js[] = {
#embed "files/api.js"
};
static const unsigned char ask_js[] = {
#embed "files/ask.js"
};
static const unsigned char settings_js[] = {
#embed "files/settings.js"
};
static const unsigned char result_js[] = {
#embed "files/result.js"
};
static const unsigned char attention_js[] = {
#embed "files/attention.js"
};
static const unsigned char waterfall_js[] = {
#embed "files/waterfall.js"
};
static const unsigned char upload_js[] = {
#embed "files/upload.js"
};
static const unsigned char passages_js[] = {
#embed "files/passages.js"
};
static const unsigned char cluster_js[] = {
#embed "files/cluster.js"
};
static const unsigned char topology_js[] = {
#embed "files/topology.js"
};

static const struct imprag_page_file files[] = {
    {"index.html", index_html, sizeof index_html},
    {"page.css", page_css, sizeof page_css},
    {"favicon.svg", favicon_svg, sizeof favicon_svg},
    {"page.js", page_js, sizeof page_js},
    {"dom.js", dom_js, sizeof dom_js},
    {"api.js", api_js, sizeof api_js},
    {"ask.js", ask_js, sizeof ask_js},
    {"settings.js", settings_js, sizeof settings_js},
    {"result.js", result_js, sizeof result_js},
    {"attention.js", attention_js, sizeof attention_js},
    {"waterfall.js", waterfall_js, sizeof waterfall_js},
    {"upload.js", upload_js, sizeof upload_js},
    {"passages.js", passages_js, sizeof passages_js},
    {"cluster.js", cluster_js, sizeof cluster_js},
    {"topology.js", topology_js, sizeof topology_js},
};

const struct imprag_page_file *imprag_page_file(size_t index) {
    return index < sizeof files / sizeof files[0] ? &files[index] : NULL;
}
