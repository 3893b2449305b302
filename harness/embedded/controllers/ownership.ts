/** Owner references. https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/ */
import type * as k8s from '@kubernetes/client-node'
import type { KubeObject, Stored, Wire } from '../store/objects.ts'

export type OwnerReference = Wire<k8s.V1OwnerReference>

/** The one owner that manages the object. */
export function getControllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true)
}

export function isControlledBy(object: KubeObject, owner: Stored<KubeObject>): boolean {
  return getControllerOf(object)?.uid === owner.metadata.uid
}

/** The reference that makes `owner` the controller of an object (metav1.NewControllerRef). */
export function newControllerRef(owner: Stored<KubeObject>): OwnerReference {
  return {
    apiVersion: owner.apiVersion ?? '',
    kind: owner.kind ?? '',
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** The keys, in a work queue, of an object's controller of that kind: one or none. */
export function getControllerKeys(object: KubeObject, kind: string): string[] {
  const owner = getControllerOf(object)
  return owner?.kind === kind ? [`${object.metadata?.namespace ?? ''}/${owner.name}`] : []
}
