/**
 * What the control plane keeps on disk. Enters: small texts with a name. Leaves: files that are
 * always whole, readable only by whom they are for, in a folder one process owns. Any thread.
 */
package dev.culvert.controlplane.state;
