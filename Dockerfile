# What the runner builds before the first step of each job that uses the action: without build arguments, and by the
# classic builder as well as by BuildKit, so with nothing that only one of them knows.
ARG BASE=python:3.15-slim-trixie

# What a fetch over https://, http:// or file:// takes of git: 17 MB. Debian's package with what it depends on, Perl
# above all, would be 130 MB.
FROM ${BASE} AS git
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# Whatever is younger than this file is not in the base.
RUN touch /base
# hadolint ignore=DL3008 # Debian keeps the newest version only: a pinned one is gone with the next fix
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /part
RUN mkdir -p usr/bin usr/lib/git-core usr/share/git-core/templates \
    && cp /usr/bin/git usr/bin \
    && cp /usr/lib/git-core/git-remote-http usr/lib/git-core \
    && ln -s git-remote-http usr/lib/git-core/git-remote-https \
    && ln -s ../../bin/git usr/lib/git-core/git \
    && ln -s ../../bin/git usr/lib/git-core/git-upload-pack
# The shared libraries, link and file, under their real path: /lib is a link in the base, and has to stay one.
RUN ldd usr/bin/git usr/lib/git-core/git-remote-http \
    | sed -nE 's|.* => (/[^ ]+) .*|\1|p' | sort -u \
    | while read -r library; do \
        link=$(realpath "$(dirname "$library")")/$(basename "$library"); \
        find "$link" "$(realpath "$link")" -cnewer /base -exec cp --parents --no-dereference {} . \; ; \
    done

# What Python needs: an environment of its own, so that nothing depends on where the base has its Python.
FROM ${BASE} AS python
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY requirements/runtime.txt /
# Wheels only: building one would fetch what no hash locks. No dependencies but the lock's: an older pip would look for
# those with an extra beside their pins.
RUN python -m venv --without-pip /app \
    && pip --python /app/bin/python install --no-cache-dir --no-compile --only-binary :all: \
        --require-hashes --no-deps --requirement /runtime.txt
COPY gto_action /gto_action
# A source is never younger than its bytecode here, so a start need not compare them.
RUN site=$(/app/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
    && mv /gto_action "$site" \
    && /app/bin/python -m compileall -q --invalidation-mode unchecked-hash "$site"
COPY entrypoint.py /app/
# With --build-arg DVC=all what the input `pull` needs is inside, for every kind of remote; else it is installed when it
# is asked for. A target of its own would be built by the classic builder each time, wanted or not.
ARG DVC=
RUN if [ "$DVC" = all ]; then \
        /app/bin/python -c 'import os; from gto_action.pull.installation import prebuild; prebuild(os.environ)' \
        && /app/bin/python -m compileall -q --invalidation-mode unchecked-hash /app/dvc; \
    fi

# hadolint ignore=DL3006 # the tag is in BASE
FROM ${BASE}
ARG BASE
LABEL org.opencontainers.image.title="gto-action" \
      org.opencontainers.image.description="Turns a pushed GTO tag (model registration, stage assignment and their opposites) into step outputs." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE}"
COPY --from=git /part /
COPY --from=python /app /app
# The base has no bytecode of the standard library: what a start imports is compiled here, once, instead of each time.
RUN ["/app/bin/python", "-I", "-c", "import git, gto_action.step.main, gto_action.step.root, gto_action.step.finish"]
# For what runs in here beside the entrypoint, which is isolated from the environment and has them as -u and -B.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# -I: neither the workspace, which is the working directory, nor PYTHONPATH gives a module.
ENTRYPOINT ["/app/bin/python", "-IBu", "/app/entrypoint.py"]
