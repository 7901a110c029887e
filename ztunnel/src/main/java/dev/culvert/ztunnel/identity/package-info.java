/**
 * Who each pod is. Enters: the SPIFFE ids of the node's pods. Leaves: their certificates, always
 * with half a life left while the CA answers, and the TLS contexts that prove and check them. Keys
 * are made here and never leave. One scheduler thread, gRPC threads for answers; reads are free.
 */
package dev.culvert.ztunnel.identity;
