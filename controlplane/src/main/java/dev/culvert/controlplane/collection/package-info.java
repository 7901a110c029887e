/**
 * Collections that outlive a change: immutable, and sharing with their successor what stayed. Any
 * thread.
 */
package dev.culvert.controlplane.collection;
