/** The other ends, for tests: a CA, a control plane and an agent that speak the real protocols. */
package dev.culvert.ztunnel.peers;
