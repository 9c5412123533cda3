# The service: docker build -f tools/container/service.Dockerfile -t gto-action-serve .
# Not root, and nothing but /var/lib/gto-action and /tmp is written. It has a shell, for programs that take events.
ARG BASE=python:3.15-slim-trixie

FROM ${BASE} AS python
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY requirements/serve.txt /
RUN python -m venv --without-pip /app \
    && pip --python /app/bin/python install --no-cache-dir --no-compile --only-binary :all: \
        --require-hashes --no-deps --requirement /serve.txt
COPY gto_action /gto_action
RUN site=$(/app/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
    && mv /gto_action "$site" \
    && /app/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash "$site" \
    && printf '%s\n' '#!/app/bin/python -IBu' 'from gto_action.__main__ import main' 'raise SystemExit(main())' \
        >/app/bin/gto-action \
    && chmod +x /app/bin/gto-action

FROM ${BASE}
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# ssh wants to know whose process it is. What it is to know of servers is in /etc/ssh/ssh_known_hosts, or in the volume.
# hadolint ignore=DL3008 # Debian keeps the newest version only: a pinned one is gone with the next fix
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client tini \
    && rm -rf /var/lib/apt/lists/* \
    && echo 'gto:x:65532:' >>/etc/group \
    && echo 'gto:x:65532:65532::/var/lib/gto-action:/usr/sbin/nologin' >>/etc/passwd \
    && install -d -m 700 -o gto -g gto /var/lib/gto-action
COPY --from=python /app /app
USER 65532:65532
ENV PATH=/app/bin:$PATH GTO_ACTION_SERVE_CONFIG=/etc/gto-action/serve.toml HOME=/tmp LANG=C.UTF-8
VOLUME ["/var/lib/gto-action"]
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# The first process is told of the end of others' children, as of git's and of programs that take events: the service is
# not asked to, and they would stay until there is room for no more.
ENTRYPOINT ["/usr/bin/tini", "--", "/app/bin/gto-action"]
CMD ["serve"]
