/**
 * The custom resources of group policy.culvert.dev as an API server must know them. Enters: the
 * types of the resource package. Leaves: CustomResourceDefinitions as YAML. Pure and immutable.
 */
package dev.culvert.policy.crd;
