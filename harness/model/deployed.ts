/** What a run deployed, as the API server answered it: part of plan.json from the end of the deployment on. */

export interface Deployed {
  /**
   * The base and the configuration merged by the API server, in the order of their creation. Left out is what the server keeps for
   * itself or chooses anew for each run: status, UIDs, versions, times, the namespace, addresses. Values in Secrets, ConfigMaps,
   * environments and header fields are `sha256:` and their digest, and so is each word of a command of a workload that nodrop has not
   * deployed; values that nodrop makes anew for each run are `<run>`.
   */
  objects: DeployedObject[]
  /** Of the workload's containers, each once. */
  images: DeployedImage[]
  source: ConfigurationSource
}

/** With the fields of its own kind beside. */
export interface DeployedObject extends Record<string, unknown> {
  apiVersion: string
  kind: string
  metadata: DeployedMetadata
}

export interface DeployedMetadata extends Record<string, unknown> {
  name: string
}

export interface DeployedImage {
  /** As the pod asks for it. */
  name: string
  /** `sha256:…`, as the node's container runtime tells; `null` where it does not. */
  digest: string | null
}

export interface ConfigurationSource {
  /** As it was given; `null` for a configuration that is in no file. */
  path: string | null
  /** Of the file's bytes, or of the patch as JSON, in hexadecimal digits. Not the text: it may hold credentials. */
  sha256: string
}
