# One image for the three services: the command says which (`stg`, `dds`, `cdm`, `emit --follow`).
FROM python:3.13-slim AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /app
RUN pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --locked --no-dev --no-install-project
COPY ingest ingest
RUN uv sync --locked --no-dev --no-editable

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home ordervault
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY dbt_project.yml profiles.yml ./
COPY ddl ddl
COPY models models
COPY snapshots snapshots
COPY macros macros
COPY seeds seeds
COPY tests/dbt tests/dbt
# The project is read-only; dbt keeps what it compiles where everything may be written.
ENV PATH="/app/.venv/bin:$PATH" \
    PROJECT_FOLDER=/app \
    DBT_PROFILES_DIR=/app \
    DBT_TARGET_PATH=/tmp/target \
    DBT_LOG_PATH=/tmp/logs \
    LOG_FORMAT=json \
    HEALTH_HOST=0.0.0.0 \
    HEALTH_PORT=8080
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"HEALTH_PORT\"]}/health')"]
ENTRYPOINT ["ingest"]
CMD ["--help"]
