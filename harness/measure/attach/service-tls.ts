/** A target that is reached over TLS: whose certificates count, and of a Service on which of its ports, and by which name. */
import { Fault } from '../../base/fault.ts'
import { readText } from '../../base/files/bounded-file.ts'
import type { LoadPlan } from '../../model/plan.ts'
import type { Workload } from '../../model/workload.ts'

const maxFileBytes = 1024 * 1024

/**
 * The certificates of a file (PEM), and nothing else of it: what stands beside them may be a key, and a plan has what this gives. Throws a
 * usage Fault where there is none. `problem`: what then is to be said.
 */
export function readCertificates(path: string, problem: string): string {
  const found = readText(path, maxFileBytes).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (found === null) throw new Fault('usage', problem)
  return `${found.join('\n')}\n`
}

/** Where the load asks for TLS, the Service's port for it comes first: the one that is named `https`, else 443, else the first. */
export function chooseTlsPort(workload: Workload, { tls }: LoadPlan): Workload {
  const { ports } = workload.service
  const own = ports.find(({ name }) => name === 'https') ?? ports.find(({ port }) => port === 443)
  if (tls === undefined || own === undefined) return workload
  return { ...workload, service: { ...workload.service, ports: [own, ...ports.filter((port) => port !== own)] } }
}

/** A certificate is made out to a Service's name in the cluster, as its address is none for long. */
export function addServerName(load: LoadPlan, { service, namespace }: Workload): LoadPlan {
  if (load.tls === undefined) return load
  return { ...load, tls: { serverName: `${service.name}.${namespace}.svc`, ...load.tls } }
}
