// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.ztunnel.telemetry.LogEntry;
import io.netty.util.NetUtil;

/** What the access log says of a request that could not be read. */
record RejectedEntry(ClientConnection connection, int status, String problem) implements LogEntry {
  @Override
  public String message() {
    return "request rejected";
  }

  @Override
  public void writeTo(Fields fields) {
    fields.plain("src.addr", connection.clientText());
    if (connection.isTold()) {
      fields.plain("src.balancer", NetUtil.toSocketAddressString(connection.peer()));
    }
    fields.plain("dst.addr", connection.localText());
    fields.number("status", status);
    fields.text("response_flags", ResponseFlag.CLIENT_PROTOCOL.label());
    fields.text("error", problem);
  }
}
