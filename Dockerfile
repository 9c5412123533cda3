# What the runner builds before the first step of each job that uses the action at a commit of `main`: without build
# arguments, and by the classic builder as well as by BuildKit, so with nothing that only one of them knows. A release
# names an image that was built from it. The variants of that image are in tools/container/variants.Dockerfile: the
# classic builder would build them here each time, wanted or not.
ARG BASE=python:3.15-slim-trixie

# What Python needs: an environment of its own, so that nothing depends on where the base has its Python.
FROM ${BASE} AS python
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY requirements/action.txt /
# Wheels only: building one would fetch what no hash locks. No dependencies but the lock's: an older pip would look for
# those with an extra beside their pins.
RUN python -m venv --without-pip /app \
    && pip --python /app/bin/python install --no-cache-dir --no-compile --only-binary :all: \
        --require-hashes --no-deps --requirement /action.txt
COPY gto_action /gto_action
# A source is never younger than its bytecode here, so a start need not compare them. The base's pip is for the input
# `pull`, which has time to compile it.
RUN site=$(/app/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
    && mv /gto_action "$site" \
    && /app/bin/python -m compileall -q --invalidation-mode unchecked-hash "$site" \
    && cp -r "$(python -c 'import pip; print(*pip.__path__)')" "$site" \
    && find "$site/pip" -name __pycache__ -prune -exec rm -rf {} +
COPY entrypoint.py /app/

# All that the image has: Python, the parts of git that a fetch over https://, http:// or file:// takes, and the libraries
# of both. There is no shell, no package manager, no Perl, and nothing else of Debian.
FROM ${BASE} AS root
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008 # Debian keeps the newest version only: a pinned one is gone with the next fix
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=python /app /app
COPY tools/container/pick.py /
# What a start imports of the standard library is compiled here, once, instead of each time. Then goes what is for
# developers and terminals.
RUN /app/bin/python -I -c 'import git, gto_action.step.main, gto_action.step.root, gto_action.step.finish' \
    && library=$(python -c 'import os; print(os.path.dirname(os.__file__))') \
    && rm -rf "$library"/{_pyrepl,config-*,curses,ensurepip,idlelib,lib2to3,profiling,pydoc_data,site-packages,test} \
        "$library"/{tkinter,turtle*} "$library"/lib-dynload/{_ctypes_test,_curses,_remote_debugging,_test,_tkinter,_xx}* \
        "$library"/lib-dynload/{readline,xx}*
RUN mkdir -p /usr/lib/git-core /usr/lib/ssl \
    && ln -sf git-remote-http /usr/lib/git-core/git-remote-https \
    && ln -sf ../../bin/git /usr/lib/git-core/git \
    && ln -sf ../../bin/git /usr/lib/git-core/git-upload-pack \
    && ln -sf /etc/ssl/certs/ca-certificates.crt /usr/lib/ssl/cert.pem \
    && paths=(/app "$(python -c 'import os; print(os.path.dirname(os.__file__))')" \
        /usr/bin/git /usr/lib/git-core/git{,-remote-http,-remote-https,-upload-pack} \
        /etc/{group,nsswitch.conf,os-release,passwd,protocols,services} /usr/lib/locale/C.utf8 /usr/lib/ssl/cert.pem) \
    && mapfile -t libraries < <(dpkg --listfiles libc6 libgcc-s1 libstdc++6 | grep '^.*/lib[^/]*\.so[.0-9]*$') \
    && python -I /pick.py /root-of-image "${paths[@]}" "${libraries[@]}" \
    && rm -f /root-of-image/app/bin/[Aa]ctivate* \
    && mkdir -p /root-of-image/{root,tmp,var/tmp} \
    && chmod 1777 /root-of-image/{tmp,var/tmp} \
    && ldconfig -r /root-of-image

FROM scratch
ARG BASE
LABEL org.opencontainers.image.title="gto-action" \
      org.opencontainers.image.description="Turns a pushed GTO tag (model registration, stage assignment and their opposites) into step outputs." \
      org.opencontainers.image.source="https://github.com/gto-action/gto-action" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${BASE}"
COPY --from=root /root-of-image /
# For what runs in here beside the entrypoint, which is isolated from the environment and has them as -u and -B.
ENV LANG=C.UTF-8 PATH=/app/bin:/usr/local/bin:/usr/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# -I: neither the workspace, which is the working directory, nor PYTHONPATH gives a module.
ENTRYPOINT ["/app/bin/python", "-IBu", "/app/entrypoint.py"]
