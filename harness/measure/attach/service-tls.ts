/** A target's Service that is reached over TLS: on which of its ports, and by which name. */
import type { LoadPlan } from '../../model/plan.ts'
import type { Workload } from '../../model/workload.ts'

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
