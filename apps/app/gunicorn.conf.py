import os

bind = "0.0.0.0:8000"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "1"))
threads = int(os.environ.get("WEB_THREADS", "64"))
# The default directory may lie on a disk that stalls the workers' heartbeat.
worker_tmp_dir = "/dev/shm"
graceful_timeout = 10
loglevel = "info"
accesslog = "-"
access_log_format = '{"id":"%({x-request-id}i)s","status":%(s)s,"us":%(D)s,"pid":"%(p)s"}'
