# The hub as an image: Node, what the hub runs on, and its sources; no shell, no package manager, no root.
# docs/operations.md, "In a container", says how to run it. PostgreSQL is a server of its own (DATABASE_URL).
ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# optional are the embedded PostgreSQL and the Node that npm would bring: neither is used here
RUN ["npm", "ci", "--omit=dev", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
RUN ["mkdir", "/data"]

FROM ${RUNTIME_IMAGE}
LABEL org.opencontainers.image.title="Crossdock" \
      org.opencontainers.image.description="Self-hosted hub for exchanging business documents with trading partners" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
WORKDIR /app
COPY --from=dependencies /usr/local/bin/node /usr/local/bin/node
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY hub ./hub
COPY partners ./partners
COPY mappings ./mappings
COPY portal ./portal
COPY migrations ./migrations
# the master key, the ledger's key and its last checkpoint
COPY --from=dependencies --chown=65532:65532 /data /data
VOLUME ["/data"]
ENV NODE_ENV=production \
    CROSSDOCK_DATA=/data \
    CROSSDOCK_HOST=0.0.0.0 \
    CROSSDOCK_HTTP_PORT=8080 \
    CROSSDOCK_SFTP_PORT=2222
USER 65532:65532
EXPOSE 8080 2222
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["/usr/local/bin/node", "/app/hub/cli/ready.mjs"]
ENTRYPOINT ["/usr/local/bin/node", "--max-semi-space-size=64", "/app/hub/cli/crossdock.mjs"]
CMD ["serve"]
