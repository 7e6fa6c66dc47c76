# docker build -t im2cat .
# docker run --rm -v "$PWD:/data" --user "$(id -u)" im2cat \
#     train --data /data/photos --labels folder --out /data/run
#
# photos is a folder with a folder of pictures for each class. --user lets the container
# write into your folder. Other targets, by `docker build --target TARGET`, each described
# in docs/containers.md:
#
#     serve      a scoring server: no rights, a root that may be read-only, a health check
#     mpi        with Open MPI, for several nodes
#     azureml    the same as Azure Machine Learning starts it
#     cuda       for nodes with a GPU

# configure.ac's; every image has it as a label.
ARG VERSION=0.2.0

FROM debian:bookworm-slim AS build
COPY scripts/setup /src/scripts/setup
RUN /src/scripts/setup libcurl4-openssl-dev libmicrohttpd-dev libwebp-dev
COPY . /src
RUN /src/autogen.sh
WORKDIR /build
RUN /src/configure --prefix=/usr
RUN make -j "$(nproc)"
# The test scripts that the build runs; empty: all tests.
ARG TESTS=
RUN if test -z "$TESTS"; then make -j "$(nproc)" check; \
    else make check-TESTS TESTS="$TESTS" check_PROGRAMS= check_DATA=; fi \
    || { cat test-suite.log; exit 1; }
RUN make install-strip DESTDIR=/image && rm -rf /image/usr/share/man /image/usr/share/doc

FROM debian:bookworm-slim AS im2cat
ARG VERSION
LABEL org.opencontainers.image.title="im2cat" \
      org.opencontainers.image.description="Trains image classifiers in C" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
# Seconds since 1970, the time at which the user is created. Logs and caches are
# removed, so that two builds give the same bytes.
ARG SOURCE_DATE_EPOCH
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libgif7 \
        libgomp1 libjansson4 libjpeg62-turbo libmicrohttpd12 libopenblas0-pthread \
        libpng16-16 libwebp7 libwebpdemux2 zlib1g \
    && useradd --create-home --uid 1000 im2cat \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/* \
        /var/cache/debconf/*-old \
    && find /var/log -type f -delete
COPY --from=build /image/ /
USER im2cat
WORKDIR /home/im2cat
# A missing library shows here, and not on the user's machine.
RUN im2cat --version | grep -qxF "im2cat $VERSION" \
    && im2cat --version | grep -q '^MLflow  *by libcurl' \
    && im2cat serve --model none --port 0 2>&1 | grep '^im2cat: listens on'
ENTRYPOINT ["im2cat"]
CMD ["--help"]

# --- a scoring server, whose model is --model or the one in AZUREML_MODEL_DIR; it
# writes no file (docs/serving.md)

FROM im2cat AS serve
LABEL org.opencontainers.image.title="im2cat-serve" \
      org.opencontainers.image.description="Scores pictures by HTTP with an image classifier"
COPY deploy/im2cat-ready /usr/bin/im2cat-ready
# By number, so that Kubernetes sees that the user is not root.
USER 1000
EXPOSE 8000
# Healthy means that a model is in service.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["im2cat-ready"]
ENTRYPOINT ["im2cat", "serve", "--host", "0.0.0.0"]
CMD []

# --- with the MPI module, for several nodes (docs/cluster.md)

FROM build AS mpi-build
RUN /src/scripts/setup libopenmpi-dev
RUN /src/configure --prefix=/usr --with-mpi
RUN make -j "$(nproc)"
RUN make tests/test_mpi_transport \
    && { make check-TESTS TESTS=tests/mpi_transport.sh check_PROGRAMS= check_DATA= \
        || { cat test-suite.log; exit 1; }; }
RUN make install-strip DESTDIR=/image && rm -rf /image/usr/share/man /image/usr/share/doc

# Common to mpi and azureml. Host keys in the image would be known to everyone who has
# it.
FROM im2cat AS openmpi
USER root
RUN apt-get update \
    && apt-get install -y --no-install-recommends openmpi-bin openssh-client \
        openssh-server procps \
    && rm -rf /etc/ssh/ssh_host_* \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/* \
        /var/cache/debconf/*-old \
    && find /var/log -type f -delete
COPY --from=mpi-build /image/ /
COPY deploy/mpirun-wrapper /usr/bin/mpirun-wrapper
RUN im2cat --version | grep '^MPI  *Open MPI'

FROM openmpi AS mpi
LABEL org.opencontainers.image.title="im2cat-mpi" \
      org.opencontainers.image.description="Trains image classifiers in C, on several nodes"
# ssh for the mpi-operator of Kubernetes: sshd runs as the user, on an unprivileged
# port, with the keys that the operator puts into .ssh, for host and user alike. procps
# is for deploy/kubernetes/mpijob.yaml.
RUN printf '%s\n' 'Host *' 'Port 2222' 'StrictHostKeyChecking no' \
        'UserKnownHostsFile /dev/null' 'LogLevel ERROR' > /etc/ssh/ssh_config.d/im2cat.conf \
    && printf '%s\n' 'Port 2222' 'HostKey /home/im2cat/.ssh/id_rsa' 'PidFile none' \
        'StrictModes no' 'UsePAM no' 'PasswordAuthentication no' \
        > /home/im2cat/.sshd_config
USER im2cat
ENTRYPOINT ["im2cat"]
CMD ["--help"]

# --- as Azure Machine Learning starts it: a shell runs the job's command, as root, and the
# service's mpirun starts the ranks (docs/azureml.md)

FROM openmpi AS azureml
LABEL org.opencontainers.image.title="im2cat-azureml" \
      org.opencontainers.image.description="Trains image classifiers in C, on Azure Machine Learning"
# More Debian packages, such as python3-minimal, where a workspace still starts jobs by
# Python.
ARG PACKAGES=
RUN test -z "$PACKAGES" || { apt-get update \
    && apt-get install -y --no-install-recommends $PACKAGES \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/* \
        /var/cache/debconf/*-old \
    && find /var/log -type f -delete; }
ENV OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
WORKDIR /root
ENTRYPOINT []
CMD ["bash"]

# --- with the CUDA module, for nodes with a GPU

FROM nvidia/cuda:13.0.0-cudnn-devel-ubuntu22.04 AS cuda-build
COPY scripts/setup /src/scripts/setup
RUN /src/scripts/setup g++ libcurl4-openssl-dev libmicrohttpd-dev libwebp-dev
COPY . /src
RUN /src/autogen.sh
WORKDIR /build
RUN /src/configure --prefix=/usr --with-cuda --with-cudnn
RUN make -j "$(nproc)"
RUN make -j "$(nproc)" check || { cat test-suite.log; exit 1; }
RUN make install-strip DESTDIR=/image && rm -rf /image/usr/share/man /image/usr/share/doc

FROM nvidia/cuda:13.0.0-cudnn-runtime-ubuntu22.04 AS cuda
ARG VERSION
LABEL org.opencontainers.image.title="im2cat-cuda" \
      org.opencontainers.image.description="Trains image classifiers in C, on a GPU" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.base.name="docker.io/nvidia/cuda:13.0.0-cudnn-runtime-ubuntu22.04"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libgif7 \
        libgomp1 libjansson4 libjpeg-turbo8 libmicrohttpd12 libopenblas0-pthread \
        libpng16-16 libwebp7 libwebpdemux2 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 im2cat
COPY --from=cuda-build /image/ /
USER im2cat
WORKDIR /home/im2cat
# The build has no driver; the module still loads, which shows its libraries.
RUN im2cat --version \
    && ! im2cat --version | grep -E '^device .*(not installed|cannot be loaded)'
ENTRYPOINT ["im2cat"]
CMD ["--help"]

# The default, built without --target.
FROM im2cat
