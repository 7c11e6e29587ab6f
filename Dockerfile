# docker build -t ankiwright .
# docker run -i --rm -v anki:/data ankiwright    MCP over stdio, on a collection in the volume
# docker compose up                              Anki-Connect's API, sync, MCP over HTTP: see compose.yaml
#
# The base image is pinned by tag, so that a new build contains security updates. A digest would not.
FROM node:24-bookworm-slim AS base
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 \
 && rm -rf /var/lib/apt/lists/*

FROM base AS build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# Installs the package as npm publishes it, and Anki's engine next to it.
RUN npm run build --silent \
 && npm pack --ignore-scripts \
 && npm install --global --prefix /opt/ankiwright ./ankiwright-*.tgz \
 && /opt/ankiwright/bin/ankiwright setup --engine-dir /opt/ankiwright/engine \
 && chmod -R a+rX /opt/ankiwright

FROM base
LABEL io.modelcontextprotocol.server.name="io.github.ankiwright/ankiwright"
COPY --from=build /opt/ankiwright /opt/ankiwright
COPY packaging/sync.js /opt/ankiwright/
# Set ANKI_COLLECTION to an empty value to use Anki-Connect at ANKI_CONNECT_URL instead of a collection file.
# hadolint ignore=DL3064
ENV PATH=/opt/ankiwright/bin:$PATH \
    ANKIWRIGHT_ENGINE_DIR=/opt/ankiwright/engine \
    ANKI_COLLECTION=/data/collection.anki2 \
    ANKI_SYNC_TOKEN_FILE=/data/sync.json
RUN install -d -o node -g node /data
VOLUME /data
USER 1000
ENTRYPOINT ["ankiwright"]
