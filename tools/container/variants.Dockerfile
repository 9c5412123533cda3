# The image's variants, made from the image itself, so that the same code runs in all of them: with BuildKit, from the
# root of the checkout,
#
#   docker build --file tools/container/variants.Dockerfile --build-arg ACTION=IMAGE --target cli|dvc .
ARG BASE=python:3.15-slim-trixie
ARG ACTION

# hadolint ignore=DL3006 # its tag or digest is in ACTION
FROM ${ACTION} AS action

# `dvc`: with what the input `pull` needs inside, for every kind of remote; else it is installed when it is asked for.
FROM ${BASE} AS installed
COPY --from=action /app /app
RUN /app/bin/python -Ic 'import os; from gto_action.pull.installation import prebuild; prebuild(os.environ)' \
    && /app/bin/python -Im compileall -q --invalidation-mode unchecked-hash /app/dvc

# hadolint ignore=DL3006
FROM ${ACTION} AS dvc
COPY --from=installed /app/dvc /app/dvc

# `cli`: the command line, for CI systems that run a script in an image. It has a shell, git over ssh, and Debian's
# package manager.
FROM ${BASE} AS parts
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# Whatever is younger than this file is not in the base.
RUN touch /base
# hadolint ignore=DL3008 # as in the Dockerfile
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client \
    && rm -rf /var/lib/apt/lists/*
COPY tools/container/pick.py /
RUN ln -sf ../../bin/git /usr/lib/git-core/git \
    && ln -sf ../../bin/git /usr/lib/git-core/git-upload-pack \
    && python -I /pick.py --younger-than /base /parts /etc/ssh /usr/bin/git /usr/bin/ssh{,-add,-agent,-keygen,-keyscan} \
        /usr/lib/git-core/git{,-remote-http,-remote-https,-upload-pack} /usr/share/git-core/templates

# hadolint ignore=DL3006
FROM ${BASE} AS cli
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY --from=parts /parts /
COPY --from=action /app /app
COPY requirements/cli.txt /app/
RUN /app/bin/python -Im pip install --no-cache-dir --no-compile --only-binary :all: --require-hashes --no-deps \
        --requirement /app/cli.txt \
    && rm -r "$(/app/bin/python -Ic 'import pip; print(*pip.__path__)')" \
    && /app/bin/python -Im compileall -q --invalidation-mode unchecked-hash /app/lib \
    && printf '%s\n' '#!/app/bin/python -IBu' 'from gto_action.__main__ import main' 'raise SystemExit(main())' \
        >/usr/local/bin/gto-action \
    && chmod +x /usr/local/bin/gto-action
ENV LANG=C.UTF-8
CMD ["gto-action", "--help"]
