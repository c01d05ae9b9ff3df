# One image for all roles: `docker run IMAGE shard --config FILE --node NAME`, and so on. `make image` makes the same without
# a registry. Packages are not pinned: Debian's stable release changes only for security, and takes the old versions away.

FROM swift:6.3-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Makefile ./
RUN make setup && rm -rf /var/lib/apt/lists/*
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
RUN make build BUILD_FLAGS=--static-swift-stdlib && strip .build/release/imprag

FROM debian:bookworm-slim
# zmq: messages; rocksdb: storage; roaring: filters; protobuf-c: wire; openblas: matrix products of the index;
# pcre2: the tokenizer's regular expressions; stemmer: words of one stem; zlib: gzip corpora; ssl: SHA-256, HMAC;
# curl and xml2: S3, with the certificates that HTTPS trusts; microhttpd and gnutls: HTTP, metrics and probes.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libzmq5 librocksdb7.8 libroaring0 libprotobuf-c1 libopenblas0-pthread \
        libpcre2-8-0 libstemmer0d zlib1g libssl3 libcurl4 libmicrohttpd12 libgnutls30 libxml2 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 imprag && useradd --uid 10001 --gid 10001 --home-dir /data --create-home imprag
COPY --from=build /source/.build/release/imprag /usr/local/bin/imprag
COPY LICENSE /usr/share/doc/imprag/LICENSE
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
WORKDIR /data
ENTRYPOINT ["imprag"]
CMD ["--help"]
