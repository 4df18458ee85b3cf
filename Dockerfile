# The builder may be any Debian with npm on Node 20 or later: the Node that ships is the one package-lock.json names.
ARG BASE_IMAGE=node:26-bookworm-slim

FROM ${BASE_IMAGE} AS builder
# For a network with a private CA or a registry of its own; proxy arguments need no declaration.
ARG NODE_EXTRA_CA_CERTS
ARG NPM_CONFIG_REGISTRY
RUN apt-get update \
 && apt-get install -y --no-install-recommends binutils busybox-static ca-certificates libatomic1 libstdc++6 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && sh scripts/make-rootfs.sh /rootfs

# No USER: Concourse before 8.3 makes the put and get folders for root only. No ENV: a base resource type loses it.
FROM scratch AS resource
COPY --from=builder /rootfs/ /

# The suite of check, in and out, run in the final root file system. librt is for the test runner alone.
FROM resource AS tests
COPY --from=builder /usr/lib/*-linux-gnu/librt.so.1 /lib/
WORKDIR /src
RUN --mount=type=bind,rw,from=builder,source=/src,target=/src \
    RESOURCE_ASSETS_DIR=/opt/resource CI=true node node_modules/vitest/vitest.mjs run test/resource test/examples \
      --reporter=default --reporter=json --outputFile.json=/reports/image-inside.json

FROM resource
