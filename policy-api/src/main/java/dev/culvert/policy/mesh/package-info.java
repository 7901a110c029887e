/**
 * Rules of the mesh that agent and controlplane must agree on. Enters: resources. Leaves: answers.
 * Pure, any thread.
 */
package dev.culvert.policy.mesh;
