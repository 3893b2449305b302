import { expect, test } from 'vitest'
import type { Pod, PodSpec, Stored } from '../store/objects.ts'
import { generateSandboxConfig } from './sandbox-config.ts'

const createPod = (spec: Partial<PodSpec>, name = 'web-1'): Stored<Pod> => ({
  metadata: { name, namespace: 'shop', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  spec: { containers: [], ...spec },
})

test('Sandbox: a pod is called by its name, and cut where Linux takes no more', () => {
  expect(generateSandboxConfig(createPod({}), 1)).toMatchObject({ node: 1, hostname: 'web-1', hosts: [], sysctls: [] })
  expect(generateSandboxConfig(createPod({}, `${'a'.repeat(62)}-b`), 0).hostname).toBe('a'.repeat(62))
})

test('Sandbox: has the pod’s host name, subdomain, aliases and sysctls', () => {
  const spec = {
    hostname: 'web',
    subdomain: 'sub',
    hostAliases: [{ ip: '192.0.2.7', hostnames: ['foo.local'] }, { ip: '192.0.2.8' }],
    securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout', value: '17' }] },
  }
  expect(generateSandboxConfig(createPod(spec), 0)).toMatchObject({
    hostname: 'web',
    fullName: 'web.sub.shop.svc.cluster.local',
    hosts: [
      { ip: '192.0.2.7', names: ['foo.local'] },
      { ip: '192.0.2.8', names: [] },
    ],
    sysctls: spec.securityContext.sysctls,
  })
})
