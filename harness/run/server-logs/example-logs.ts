/** Logs as the servers wrote them, from their start to their end: what `docs/server-logs.md` explains, and tests read. */
import type { ServerName } from './server-formats.ts'

export const exampleLogs: Record<ServerName, readonly string[]> = {
  /** nginx 1.22.1 with two workers, sent QUIT. */
  nginx: [
    '2026/11/29 17:29:10 [notice] 9081#9081: using the "epoll" event method',
    '2026/11/29 17:29:10 [notice] 9081#9081: nginx/1.22.1',
    '2026/11/29 17:29:10 [notice] 9081#9081: getrlimit(RLIMIT_NOFILE): 20000:20000',
    '2026/11/29 17:29:10 [notice] 9081#9081: start worker processes',
    '2026/11/29 17:29:10 [notice] 9081#9081: start worker process 9083',
    '2026/11/29 17:29:10 [notice] 9081#9081: start worker process 9084',
    '127.0.0.1 - - [29/Nov/2026:17:29:11 +0000] "GET / HTTP/1.1" 200 2 "-" "curl/7.88.1"',
    '2026/11/29 17:29:11 [notice] 9081#9081: signal 3 (SIGQUIT) received from 9030, shutting down',
    '2026/11/29 17:29:11 [notice] 9084#9084: gracefully shutting down',
    '2026/11/29 17:29:11 [notice] 9084#9084: exiting',
    '2026/11/29 17:29:11 [notice] 9083#9083: gracefully shutting down',
    '2026/11/29 17:29:11 [notice] 9084#9084: exit',
    '2026/11/29 17:29:11 [notice] 9083#9083: exiting',
    '2026/11/29 17:29:11 [notice] 9083#9083: exit',
    '2026/11/29 17:29:11 [notice] 9081#9081: signal 17 (SIGCHLD) received from 9083',
    '2026/11/29 17:29:11 [notice] 9081#9081: worker process 9083 exited with code 0',
    '2026/11/29 17:29:11 [notice] 9081#9081: worker process 9084 exited with code 0',
    '2026/11/29 17:29:11 [notice] 9081#9081: exit',
  ],
  /** gunicorn 27.0.1 with two workers and `--access-logfile -`, sent TERM. */
  gunicorn: [
    '[2026-11-29 17:24:39 +0000] [31072] [INFO] Starting gunicorn 27.0.1',
    '[2026-11-29 17:24:39 +0000] [31072] [INFO] Listening at: http://127.0.0.1:18080 (31072)',
    '[2026-11-29 17:24:39 +0000] [31072] [INFO] Using worker: sync',
    '[2026-11-29 17:24:39 +0000] [31074] [INFO] Booting worker with pid: 31074',
    '[2026-11-29 17:24:39 +0000] [31075] [INFO] Booting worker with pid: 31075',
    '127.0.0.1 - - [29/Nov/2026:17:24:41 +0000] "GET / HTTP/1.1" 200 2 "-" "curl/7.88.1"',
    '127.0.0.1 - - [29/Nov/2026:17:24:41 +0000] "GET / HTTP/1.1" 200 2 "-" "curl/7.88.1"',
    '[2026-11-29 17:24:41 +0000] [31072] [INFO] Handling signal: term',
    '[2026-11-29 17:24:41 +0000] [31074] [INFO] Worker exiting (pid: 31074)',
    '[2026-11-29 17:24:41 +0000] [31075] [INFO] Worker exiting (pid: 31075)',
    '[2026-11-29 17:24:42 +0000] [31072] [INFO] Shutting down: Master',
  ],
  /** uvicorn 0.54.0, sent TERM while it answers a slow request. */
  uvicorn: [
    'INFO:     Started server process [30379]',
    'INFO:     Waiting for application startup.',
    'INFO:     Application startup complete.',
    'INFO:     Uvicorn running on http://127.0.0.1:18080 (Press CTRL+C to quit)',
    'INFO:     127.0.0.1:47180 - "GET / HTTP/1.1" 200 OK',
    'INFO:     Shutting down',
    'INFO:     Waiting for connections to close. (CTRL+C to force quit)',
    'INFO:     127.0.0.1:47192 - "GET /slow HTTP/1.1" 200 OK',
    'INFO:     Waiting for application shutdown.',
    'INFO:     Application shutdown complete.',
    'INFO:     Finished server process [30379]',
  ],
  /** Apache httpd 2.4.71 with mpm_event and two access logs, sent WINCH; its command line shortened. */
  apache: [
    '[Sun Nov 29 17:25:17.349981 2026] [mpm_event:notice] [pid 32712:tid 32712] AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations',
    `[Sun Nov 29 17:25:17.350084 2026] [core:notice] [pid 32712:tid 32712] AH00094: Command line: 'apache2 -D FOREGROUND'`,
    '127.0.0.1 - - [29/Nov/2026:17:25:18 +0000] "GET / HTTP/1.1" 404 236 "-" "curl/7.88.1"',
    '127.0.0.1 - - [29/Nov/2026:17:25:18 +0000] "GET / HTTP/1.1" 404 236',
    '[Sun Nov 29 17:25:18.732950 2026] [mpm_event:notice] [pid 32712:tid 32712] AH00492: caught SIGWINCH, shutting down gracefully',
  ],
}
