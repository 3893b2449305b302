import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startEmbeddedCluster } from '../../cluster/embedded/embedded-cluster.ts'
import { checkEmbeddedMachine } from '../../cluster/embedded/embedded-machine.ts'
import { findKubectlProblem } from '../../testing/kubectl.ts'
import { diffSessions, normalizeSession, readGolden } from './golden.ts'
import { normalizeOutput } from './kubectl-normalize.ts'
import { playKubectl } from './kubectl-session.ts'

const problem = findKubectlProblem()
if (problem !== null) console.warn(`${problem}: what it prints is not compared`)
const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

describe.skipIf(problem !== null || !able)('kubectl against the embedded cluster', () => {
  test('output: the same columns and the same words as against kind', { timeout: 180_000 }, async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'nodrop-kubectl-'))
    try {
      await using cluster = await startEmbeddedCluster({ stateDir })
      expect(diffSessions(readGolden(), normalizeSession(await playKubectl(cluster.kubeconfig)))).toEqual([])
    } finally {
      rmSync(stateDir, { recursive: true })
    }
  })
})

test.each([
  ['get pods', 'NAME      READY\nweb-848b9b64d-gbnw9   1/1\n', 'NAME  READY\nweb-HASH-RANDOM  1/1\n'],
  ['get pods', 'web-848b9b64d-nq84s   1/1     Running   0   3m12s', 'web-HASH-RANDOM  1/1  Running  0  AGE'],
  ['get rs', 'replicaset.apps/web-848b9b64d   2         2', 'replicaset.apps/web-HASH  2  2'],
  ['delete deploy/web', 'deployment.apps "web" deleted from some namespace\n', 'deployment.apps "web" deleted\n'],
  ['describe pod', '    Host Port:      0/TCP (http)', '    Host Port:  0/TCP'],
  ['describe pod', 'Node:   nodrop-e9f35504-worker2/172.18.0.3', 'Node:  NODE/ADDRESS'],
  ['describe pod', 'Start Time:  Wed, 25 Nov 2026 02:57:40 +0000', 'Start Time:  TIME'],
])('of %s only what differs between clusters and moments is left out', (command, output, expected) => {
  expect(normalizeOutput({ command, output }).output).toBe(expected)
})

test('normalised: a rollout by its wording, a watch by each pod’s life', () => {
  const told = 'Waiting: 1 out of 3 updated...\nWaiting: 2 out of 3 updated...\ndone\n'
  expect(normalizeOutput({ command: 'rollout status deploy/web', output: told }).output).toBe(
    'Waiting: N out of N updated...\ndone\n',
  )
  const rows = ['NAME   READY   STATUS   RESTARTS   AGE', 'b   0/1   Pending   0   0s', 'a   1/1   Running   0   9s']
  const more = ['b   0/1   Pending   0   0s', 'b   1/1   Running   0   2s', 'a   1/1   Terminating   0   9s', '']
  expect(normalizeOutput({ command: 'get pods -w', output: [...rows, ...more].join('\n') }).output).toBe(
    'NAME  READY  STATUS  RESTARTS  AGE\n0/1 Pending 0 → 1/1 Running 0\n1/1 Running 0 → 1/1 Terminating 0',
  )
})
