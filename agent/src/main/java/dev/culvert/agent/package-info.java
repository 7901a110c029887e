/**
 * The node agent: puts pods into the mesh and takes them out. Enters: a folder of YAML, requests of
 * root. Leaves: redirect programs and pins in the kernel, pods announced to ztunnel, all of which
 * outlive the agent. {@link dev.culvert.agent.Agent} may be used from any thread.
 */
package dev.culvert.agent;
