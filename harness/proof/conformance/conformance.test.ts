import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cluster } from '../../cluster/cluster.ts'
import { startEmbeddedCluster } from '../../cluster/embedded/embedded-cluster.ts'
import { checkEmbeddedMachine } from '../../cluster/embedded/embedded-machine.ts'
import { playCase } from '../stage/play-cases.ts'
import { canPlay, topics } from './suite.ts'

const able = (await checkEmbeddedMachine()).every(({ ok }) => ok)

describe.skipIf(!able)('the embedded cluster keeps what Kubernetes documents', () => {
  let stateDir: string
  let cluster: Cluster
  beforeAll(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'nodrop-conformance-'))
    cluster = await startEmbeddedCluster({ stateDir })
  })
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
    rmSync(stateDir, { recursive: true })
  })

  describe.each(topics)('$topic', ({ cases }) => {
    test.concurrent.each(cases.filter((one) => canPlay(one, 'local')))(
      '$name: $claim',
      { timeout: 120_000 },
      async (one) => {
        const { error, differences } = await playCase(one, cluster.kubeconfig)
        expect({ error, differences }).toEqual({ error: null, differences: [] })
      },
    )
  })
})
