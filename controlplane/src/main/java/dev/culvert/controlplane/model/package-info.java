/**
 * The mesh as proxies see it. Enters: the resources in force. Leaves: a snapshot of workloads,
 * services and policies, the same bytes for the same resources, and which identities are on which
 * node. Pure, any thread.
 */
package dev.culvert.controlplane.model;
