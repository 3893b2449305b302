/** The runtime's sandbox configuration of a pod. */
import type { Pod, Stored } from '../store/objects.ts'
import type { SandboxConfig } from '../runtime/runtime.ts'

/** `node` is the number of its node, from 0. */
export function generateSandboxConfig({ metadata, spec }: Stored<Pod>, node: number): SandboxConfig {
  const { uid, name, namespace = '' } = metadata
  const { hostname = name, subdomain, hostAliases = [], securityContext } = spec ?? {}
  return {
    uid,
    name,
    namespace,
    node,
    hostname: hostname.slice(0, 63).replace(/[-.]+$/, ''),
    ...(subdomain !== undefined && { fullName: `${hostname}.${subdomain}.${namespace}.svc.cluster.local` }),
    hosts: hostAliases.map(({ ip, hostnames = [] }) => ({ ip, names: hostnames })),
    sysctls: securityContext?.sysctls ?? [],
  }
}
