# docker build -t im2cat .
# docker run --rm -v "$PWD:/data" --user "$(id -u)" im2cat \
#     train --data /data/photos --labels folder --out /data/run
# docker run --rm -v "$PWD:/data" -p 127.0.0.1:8000:8000 im2cat \
#     serve --model /data/run/model.safetensors --host 0.0.0.0
#
# docker build --target cuda -t im2cat-cuda .
# docker run --rm --gpus all -v "$PWD:/data" --user "$(id -u)" im2cat-cuda \
#     train --device cuda --data /data/photos --labels folder --out /data/run
#
# docker build --target mpi -t im2cat-mpi .
# docker run --rm -v "$PWD:/data" --user "$(id -u)" --entrypoint mpirun-wrapper im2cat-mpi \
#     -np 2 --map-by slot:PE=4 im2cat train --distributed mpi \
#     --data /data/photos --labels folder --out /data/run
#
# photos is a folder with a folder of pictures for each class; --user lets the container
# write into your folder.

FROM debian:bookworm-slim AS build
COPY scripts/setup /src/scripts/setup
RUN /src/scripts/setup libcurl4-openssl-dev libmicrohttpd-dev
COPY . /src
RUN /src/autogen.sh
WORKDIR /build
RUN /src/configure --prefix=/usr
RUN make -j "$(nproc)"
# The scripts among the tests that the build runs; empty: all tests.
ARG TESTS=
RUN if test -z "$TESTS"; then make -j "$(nproc)" check; \
    else make check-TESTS TESTS="$TESTS" check_PROGRAMS= check_DATA=; fi \
    || { cat test-suite.log; exit 1; }
RUN make install-strip DESTDIR=/image && rm -rf /image/usr/share/man

FROM debian:bookworm-slim AS im2cat
LABEL org.opencontainers.image.title="im2cat" \
      org.opencontainers.image.description="Trains image classifiers in C" \
      org.opencontainers.image.licenses="MIT"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libgif7 \
        libgomp1 libjansson4 libjpeg62-turbo libmicrohttpd12 libopenblas0-pthread \
        libpng16-16 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 im2cat
COPY --from=build /image/ /
USER im2cat
WORKDIR /home/im2cat
# Fails here, and not at the user's, if a library is missing.
RUN im2cat --version && im2cat --version | grep -q '^MLflow  *by libcurl' \
    && im2cat serve --model none --port 0 2>&1 | grep '^im2cat: listens on'
ENTRYPOINT ["im2cat"]
CMD ["--help"]

# --- with the MPI module, for several nodes (docs/cluster.md)

FROM build AS mpi-build
RUN /src/scripts/setup libopenmpi-dev
RUN /src/configure --prefix=/usr --with-mpi
RUN make -j "$(nproc)"
RUN export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
    && { make check TESTS=tests/mpi_transport.sh || { cat test-suite.log; exit 1; }; }
RUN make install-strip DESTDIR=/image && rm -rf /image/usr/share/man

FROM im2cat AS mpi
LABEL org.opencontainers.image.title="im2cat-mpi" \
      org.opencontainers.image.description="Trains image classifiers in C, on several nodes"
USER root
# ssh for the mpi-operator of Kubernetes: sshd runs as the user, on a port that it may have,
# with the keys that the operator puts into .ssh, for the host and the user alike. procps
# for deploy/kubernetes/mpijob.yaml.
RUN apt-get update \
    && apt-get install -y --no-install-recommends openmpi-bin openssh-client \
        openssh-server procps \
    && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* \
    && printf '%s\n' 'Host *' 'Port 2222' 'StrictHostKeyChecking no' \
        'UserKnownHostsFile /dev/null' 'LogLevel ERROR' > /etc/ssh/ssh_config.d/im2cat.conf \
    && printf '%s\n' 'Port 2222' 'HostKey /home/im2cat/.ssh/id_rsa' 'PidFile none' \
        'StrictModes no' 'UsePAM no' 'PasswordAuthentication no' \
        > /home/im2cat/.sshd_config
COPY --from=mpi-build /image/ /
COPY deploy/mpirun-wrapper /usr/bin/mpirun-wrapper
USER im2cat
RUN im2cat --version | grep '^MPI  *Open MPI'
ENTRYPOINT ["im2cat"]
CMD ["--help"]

# --- with the CUDA module, for nodes with a GPU

FROM nvidia/cuda:13.0.0-cudnn-devel-ubuntu22.04 AS cuda-build
COPY scripts/setup /src/scripts/setup
RUN /src/scripts/setup g++ libcurl4-openssl-dev libmicrohttpd-dev
COPY . /src
RUN /src/autogen.sh
WORKDIR /build
RUN /src/configure --prefix=/usr --with-cuda --with-cudnn
RUN make -j "$(nproc)"
RUN make -j "$(nproc)" check || { cat test-suite.log; exit 1; }
RUN make install-strip DESTDIR=/image && rm -rf /image/usr/share/man

FROM nvidia/cuda:13.0.0-cudnn-runtime-ubuntu22.04 AS cuda
LABEL org.opencontainers.image.title="im2cat-cuda" \
      org.opencontainers.image.description="Trains image classifiers in C, on a GPU" \
      org.opencontainers.image.licenses="MIT"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libgif7 \
        libgomp1 libjansson4 libjpeg-turbo8 libmicrohttpd12 libopenblas0-pthread \
        libpng16-16 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 im2cat
COPY --from=cuda-build /image/ /
USER im2cat
WORKDIR /home/im2cat
# No driver is here yet; that the module loads all the same shows its libraries.
RUN im2cat --version \
    && ! im2cat --version | grep -E '^device .*(not installed|cannot be loaded)'
ENTRYPOINT ["im2cat"]
CMD ["--help"]

# What is built without --target.
FROM im2cat
