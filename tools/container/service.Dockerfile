# The service: docker build -f tools/container/service.Dockerfile -t gto-action-serve .
# Not root, and nothing but /var/lib/gto-action and /tmp is written.
ARG BASE=python:3.13-slim-trixie

FROM ${BASE} AS python
COPY requirements/serve.txt /
RUN python -m venv --without-pip /app \
    && pip --python /app/bin/python install --no-cache-dir --only-binary :all: \
        --require-hashes --no-deps --requirement /serve.txt
COPY gto_action /gto_action
RUN mv /gto_action "$(/app/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && /app/bin/python -m compileall -q /app

FROM ${BASE}
# hadolint ignore=DL3008 # Debian keeps the newest version only: a pinned one is gone with the next fix
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 65532 -g 65532 /var/lib/gto-action
COPY --from=python /app /app
USER 65532:65532
ENV GTO_ACTION_SERVE_CONFIG=/etc/gto-action/serve.toml HOME=/tmp PYTHONDONTWRITEBYTECODE=1
VOLUME ["/var/lib/gto-action"]
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/bin/python", "-m", "gto_action"]
CMD ["serve"]
