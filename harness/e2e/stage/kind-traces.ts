/** What a kind cluster leaves on a machine, and how to interrupt its API server for a while. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { home } from './nodrop-process.ts'

const stateDir = join(home, 'reports/cluster/kind-state')

export interface KindTraces {
  containers: string[]
  networks: string[]
  volumes: string[]
  /** Intents, kubeconfigs and descriptions of clusters. */
  files: string[]
}

/** Everything that could be left, as listed by Docker and the file system. */
export function listKindTraces(): KindTraces {
  const listLines = (...args: string[]): string[] =>
    runDocker(...args)
      .split('\n')
      .filter((line) => line !== '')
      .sort()
  return {
    containers: listLines('ps', '--all', '--format', '{{.Names}}'),
    networks: listLines('network', 'ls', '--format', '{{.Name}}'),
    volumes: listLines('volume', 'ls', '--quiet'),
    files: existsSync(stateDir) ? readdirSync(stateDir).sort() : [],
  }
}

/** Stops the container of the only API server, which its node's kubelet runs, and restores it. */
export async function interruptApiServer(ms: number): Promise<void> {
  const node = listKindTraces().containers.find((name) => /^nodrop-.*-control-plane$/.test(name)) ?? ''
  const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml'
  const kill = 'for p in /proc/[0-9]*; do grep -qs "^kube-apiserver$" $p/comm && kill -9 ${p#/proc/}; done'
  // Without its manifest the kubelet does not start it again.
  runDocker('exec', node, 'sh', '-c', `mv ${manifest} /root/ && { ${kill}; true; }`)
  await sleep(ms)
  runDocker('exec', node, 'mv', '/root/kube-apiserver.yaml', manifest)
}

/** Returns its output. Throws Docker's error when it fails. */
export function runDocker(...args: string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', timeout: 60_000 })
}
