// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.ztunnel.telemetry.LogEntry;
import io.netty.util.NetUtil;

/** What the access log says of a connection that was closed before anything of it was read. */
record RefusedEntry(ClientConnection connection, String problem) implements LogEntry {
  @Override
  public String message() {
    return "connection refused";
  }

  @Override
  public void writeTo(Fields fields) {
    fields.plain("src.addr", NetUtil.toSocketAddressString(connection.peer()));
    fields.plain("dst.addr", NetUtil.toSocketAddressString(connection.local()));
    fields.text("response_flags", ResponseFlag.CLIENT_PROTOCOL.label());
    fields.text("error", problem);
  }
}
