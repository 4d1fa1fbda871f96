# The wheel, installed, for all services: the command says which (`stg`, `dds`, `cdm`, `emit --follow`).
# Everything in it is pinned by its hash: the base by its digest, Python's packages by uv.lock.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
ENV PIP_NO_CACHE_DIR=1 UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# The hashes of uv's wheels for x86-64 and for ARM.
RUN printf 'uv==0.13.9 --hash=sha256:%s --hash=sha256:%s\n' \
        d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19 \
        5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe > uv.txt \
    && pip install --require-hashes --requirement uv.txt
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project
COPY README.md LICENSE dbt_project.yml profiles.yml ./
COPY ddl ddl
COPY macros macros
COPY models models
COPY seeds seeds
COPY snapshots snapshots
COPY tests/dbt tests/dbt
COPY ingest ingest
# The link gives dbt's variables a path that does not name Python's version; -I: not the package in this folder.
RUN uv export --quiet --locked --only-group build --output-file build.txt \
    && uv build --wheel --build-constraints build.txt --require-hashes --out-dir dist \
    && uv pip install --no-deps dist/*.whl \
    && ln -s "$(.venv/bin/python -I -c 'from ingest.project import INSTALLED; print(INSTALLED)')" .venv/project

FROM build AS build-simulator
RUN uv sync --locked --no-dev --no-install-project --inexact --extra sandbox

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS runtime
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ordervault
WORKDIR /app
# `dbt` by hand finds the project, and writes where everybody may; `ingest` knows both by itself.
ENV PATH="/app/.venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    DBT_PROJECT_DIR=/app/.venv/project \
    DBT_PROFILES_DIR=/app/.venv/project \
    DBT_TARGET_PATH=/tmp/target \
    DBT_LOG_PATH=/tmp/logs \
    LOG_FORMAT=json \
    HEALTH_HOST=0.0.0.0 \
    HEALTH_PORT=8080
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=1s CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"HEALTH_PORT\"]}/health')"]
ENTRYPOINT ["ingest"]
CMD ["--help"]

# Sends orders, for `docker compose --profile demo up`.
FROM runtime AS simulator
COPY --from=build-simulator /app/.venv .venv
COPY sandbox sandbox
HEALTHCHECK NONE
ENTRYPOINT ["python", "-m", "sandbox", "simulate"]
CMD []

# The last one is what `docker build .` makes.
FROM runtime
LABEL org.opencontainers.image.title="Ordervault" \
      org.opencontainers.image.description="Orders from Kafka to a Data Vault in Postgres and back to Kafka, exactly once" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /app/.venv .venv
