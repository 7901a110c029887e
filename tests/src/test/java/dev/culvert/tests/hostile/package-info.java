/**
 * A peer that speaks TLS and HTTP/2 by hand, with any certificate and any frame. What a real peer
 * never sends leaves from here; what the mesh answers comes back frame by frame, on the calling
 * thread.
 */
package dev.culvert.tests.hostile;
