/** The server of a bench: one nginx process that answers every request with 1 KiB from memory, in the driver's format. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Fault, getErrorMessage } from '../../base/fault.ts'
import { waitUntil } from '../../base/polling.ts'
import { killOnExit } from '../faults/stage-processes.ts'
import { pinCommand } from './cores.ts'

export interface BenchServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Number of requests received so far, without those for this number. */
  received(): Promise<number>
}

/** The workload named in right answers. */
export const workload = 'bench'

const bodyBytes = 1024
const startLimits = { limitMs: 10_000, intervalMs: 20 }
const endLimitMs = 10_000

/** Runs alone on `core`. Throws a Fault when it does not start. */
export async function startServer(directory: string, core: number): Promise<BenchServer> {
  const port = await findFreePort()
  const config = join(directory, 'nginx.conf')
  writeFileSync(config, formatConfig(directory, port))
  // Debian installs nginx outside of an ordinary user's PATH.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` }
  const command = pinCommand(core, 'nginx', '-p', directory, '-e', join(directory, 'error.log'), '-c', config)
  const child = killOnExit(spawn(command[0], command.slice(1), { env, stdio: ['ignore', 'ignore', 'inherit'] }))
  let ended = 'it does not answer'
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code) => (ended = `it ended with status ${code}`))
  const agent = new Agent({ keepAlive: true })
  let asked = 0
  const server = {
    port,
    url: `http://127.0.0.1:${port}/`,
    async received() {
      // The third line is `<accepts> <handled> <requests>`, including this request.
      const [, requests] = /^ *\d+ +\d+ +(\d+)/m.exec(await fetchText(`${this.url}status`, agent)) ?? []
      return Number(requests) - ++asked
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), endLimitMs)
      await once(child, 'exit')
      clearTimeout(timer)
    },
  }
  await waitUntilReady(server, () => ended)
  return server
}

async function waitUntilReady(server: BenchServer, why: () => string): Promise<void> {
  try {
    await waitUntil('an answer', startLimits, () =>
      server.received().then(
        () => null,
        (error: unknown) => `${why()}, ${getErrorMessage(error)}`,
      ),
    )
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw new Fault('environment', `Cannot start nginx for the bench: ${getErrorMessage(error)}`)
  }
}

function formatConfig(directory: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
master_process off;
pid ${directory}/nginx.pid;
events { worker_connections 16384; }
http {
  access_log off;
  server_tokens off;
  keepalive_requests 1000000000;
  default_type text/plain;
  ${temporary.map((name) => `${name}_temp_path ${directory}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /status { stub_status; }
    location / {
      add_header x-request-id $http_x_request_id;
      add_header x-nodrop-workload ${workload};
      add_header x-nodrop-pod bench-0;
      return 200 '${'.'.repeat(bodyBytes)}';
    }
  }
}
`
}

/** It is free again when this resolves; on a quiet machine no other process takes it before nginx does. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function fetchText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => void text(answer).then(resolve, reject)).on('error', reject)
  })
}
