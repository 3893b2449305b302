/** What a run deployed, as the API server returned it: part of plan.json once the deployment is over. */

export interface Deployed {
  /**
   * The base and the configuration as merged by the API server, in order of creation. Fields that the server manages or that differ in each
   * run are left out: status, UIDs, versions, times, the namespace, addresses. Values in Secrets, ConfigMaps, environments and header
   * fields are replaced by `sha256:` and their digest, and so is each word of a command in a workload that nodrop has not deployed; values
   * that are new in each run are `<run>`.
   */
  objects: DeployedObject[]
  /** Images of the workload's containers, each once. */
  images: DeployedImage[]
  source: ConfigurationSource
}

/** With the further fields of its kind. */
export interface DeployedObject extends Record<string, unknown> {
  apiVersion: string
  kind: string
  metadata: DeployedMetadata
}

export interface DeployedMetadata extends Record<string, unknown> {
  name: string
}

export interface DeployedImage {
  /** As in the pod's specification. */
  name: string
  /** `sha256:…` from the node's container runtime; `null` if it is not reported. */
  digest: string | null
}

export interface ConfigurationSource {
  /** The path as given; `null` for a configuration without a file. */
  path: string | null
  /** Digest of the file's bytes, or of the patch as JSON, in hexadecimal digits. The text itself may contain credentials. */
  sha256: string
}
