/** The drivers of a run: pods beside the other deployed objects, or a process on this machine. */
import type { DriverTransport } from '../load/client/driver-client.ts'
import { deployAll, describeTarget } from './deploy/deploy-all.ts'
import type { Deployment, DeployOptions } from './deploy/deploy-all.ts'
import { createDriverTransport } from './deploy/drivers.ts'
import { startLocalDriver } from './local-driver.ts'

export interface StartedDrivers extends Deployment {
  transports: DriverTransport[]
}

/** Resolves when all that a run needs is ready. A process is ended by `teardown`, pods with their namespace. */
export async function startDrivers(options: DeployOptions, teardown: AsyncDisposableStack): Promise<StartedDrivers> {
  const { api, namespace, plan, driverCode, credential, signal } = options
  if (plan.via.kind === 'url') {
    const { transport } = teardown.use(await startLocalDriver(driverCode, credential, signal))
    return { ...(await describeTarget(options)), drivers: [], transports: [transport] }
  }
  const deployed = await deployAll(options)
  return {
    ...deployed,
    transports: deployed.drivers.map((pod) => createDriverTransport(api, namespace, pod, credential)),
  }
}
