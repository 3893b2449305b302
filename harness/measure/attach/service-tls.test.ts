import { expect, test } from 'vitest'
import type { LoadPlan } from '../../model/plan.ts'
import { buildSampleWorkload } from '../../model/workload.ts'
import type { Workload } from '../../model/workload.ts'
import { addServerName, chooseTlsPort } from './service-tls.ts'

const plain: LoadPlan = {
  ratePerSecond: 1,
  shares: { fresh: 1, reused: 0, 'reused-post': 0 },
  workMs: 0,
  thinkMs: 0,
  timeoutMs: 1,
}
const overTls: LoadPlan = { ...plain, tls: { unverified: true } }
const withPorts = (ports: Workload['service']['ports']): Workload => ({
  ...buildSampleWorkload({ workMs: 0 }),
  namespace: 'eu',
  service: { name: 'shop', ports },
})
const http = { name: 'http', port: 80 }

test.each([
  ['by its name', [http, { port: 443 }, { name: 'https', port: 8443 }], 8443],
  ['by its number', [http, { name: 'web', port: 443 }], 443],
  ['the first without either', [http, { name: 'metrics', port: 9000 }], 80],
])('tls: the port is found %s', (_, ports, port) => {
  const { service } = chooseTlsPort(withPorts(ports), overTls)
  expect(service.ports[0]?.port).toBe(port)
  expect(service.ports).toHaveLength(ports.length)
  expect(chooseTlsPort(withPorts(ports), plain).service.ports).toEqual(ports)
})

test("tls: the Service's name in the cluster, unless another one was given", () => {
  const workload = withPorts([http])
  expect(addServerName(overTls, workload).tls).toEqual({ unverified: true, serverName: 'shop.eu.svc' })
  const named = { ...plain, tls: { ca: 'x', serverName: 'shop.example' } }
  expect(addServerName(named, workload).tls).toEqual(named.tls)
  expect(addServerName(plain, workload)).toBe(plain)
})
