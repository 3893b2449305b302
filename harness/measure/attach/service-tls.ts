/** A target that is reached over TLS: the trusted certificates and, for a Service, the port and the server name. */
import { Fault } from '../../base/fault.ts'
import { readText } from '../../base/files/bounded-file.ts'
import type { LoadPlan } from '../../model/plan.ts'
import type { Workload } from '../../model/workload.ts'

const maxFileBytes = 1024 * 1024

/**
 * The certificates of a file (PEM) and nothing else of it: it may also contain a key, and the result is part of a plan. Throws a usage
 * Fault if there are none. `problem`: the text of that Fault.
 */
export function readCertificates(path: string, problem: string): string {
  const found = readText(path, maxFileBytes).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (found === null) throw new Fault('usage', problem)
  return `${found.join('\n')}\n`
}

/** For a load over TLS, puts the Service's port for it first: the one named `https`, else 443, else the first. */
export function chooseTlsPort(workload: Workload, { tls }: LoadPlan): Workload {
  const { ports } = workload.service
  const own = ports.find(({ name }) => name === 'https') ?? ports.find(({ port }) => port === 443)
  if (tls === undefined || own === undefined) return workload
  return { ...workload, service: { ...workload.service, ports: [own, ...ports.filter((port) => port !== own)] } }
}

/** A certificate is issued for a Service's name in the cluster, because its address does not last. */
export function addServerName(load: LoadPlan, { service, namespace }: Workload): LoadPlan {
  if (load.tls === undefined) return load
  return { ...load, tls: { serverName: `${service.name}.${namespace}.svc`, ...load.tls } }
}
