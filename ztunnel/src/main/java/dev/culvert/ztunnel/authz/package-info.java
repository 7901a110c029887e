/**
 * Who may connect. Enters: a connection's facts and its destination. Leaves: a verdict, and word
 * when policy changes its mind about an open connection. Decided on the connection's event loop.
 */
package dev.culvert.ztunnel.authz;
