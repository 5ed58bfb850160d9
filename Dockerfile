# eventyard with all adapters:  docker build -t eventyard .
#   docker run -p 12000:12000 -v ./manifests:/manifests:ro -v eventyard:/data eventyard
# Runs as any user who may write /data, and with a root file system that is read-only.

FROM python:3.11-slim-trixie AS build
WORKDIR /src
COPY requirements.lock ./
# The versions that the tests ran with; of all that is locked only what eventyard needs is installed.
RUN sed -n 's/^\([A-Za-z0-9_.-]*==[^ ]*\) .*/\1/p' requirements.lock > /constraints.txt \
 && python -m pip install --quiet --no-cache-dir --root-user-action ignore -c /constraints.txt build hatchling
COPY pyproject.toml README.md ./
COPY bus bus
COPY config config
COPY eventsources eventsources
COPY eventyard eventyard
COPY sensors sensors
COPY triggers triggers
RUN python -m build --quiet --wheel --no-isolation --outdir /dist
RUN python -m venv --without-pip /opt/eventyard \
 && python -m pip --python /opt/eventyard install --quiet --no-cache-dir -c /constraints.txt "$(echo /dist/*.whl)[all]" \
 && install -d -o 10001 -g 10001 /empty

FROM python:3.11-slim-trixie
COPY --from=build /opt/eventyard /opt/eventyard
# A volume that is new takes over the owner of the folder.
COPY --from=build --chown=10001:10001 /empty /data
ENV PATH=/opt/eventyard/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 7777 12000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as http; http.urlopen('http://127.0.0.1:7777/healthz', timeout=4)"]
ENTRYPOINT ["eventyard"]
CMD ["run", "/manifests", "--data-dir", "/data", "--host", "0.0.0.0"]
