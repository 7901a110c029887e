// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.http.HttpStream;
import dev.culvert.waypoint.http.StreamFailure;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Mirror;
import dev.culvert.waypoint.plan.Target;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;

/** Gives what a client sends to its backend, and copies of it to others. */
final class Mirrors implements HttpStream.Events {
  private final HttpStream.Events backend;
  private final List<MirroredRequest> copies;

  private Mirrors(HttpStream.Events backend, List<MirroredRequest> copies) {
    this.backend = backend;
    this.copies = copies;
  }

  /** The backend's side itself where there is nothing to copy, as of what will not stay HTTP. */
  static HttpStream.Events beside(
      Forwarding forwarding,
      Asking asking,
      Exchange exchange,
      List<Mirror> mirrors,
      BackendPools pools) {
    if (mirrors.isEmpty() || exchange.head().headers().contains(HttpHeaderNames.UPGRADE)) {
      return forwarding;
    }
    List<MirroredRequest> copies = new ArrayList<>(mirrors.size());
    for (Mirror mirror : mirrors) {
      if (mirror.draws() && mirror.destination().next(asking) instanceof Target target) {
        MirroredRequest copy = new MirroredRequest(exchange);
        ClientConnection client = exchange.connection();
        pools.take(target.telling(client.client(), client.asked()), copy);
        copies.add(copy);
      }
    }
    return copies.isEmpty() ? forwarding : new Mirrors(forwarding, copies);
  }

  @Override
  public void data(ByteBuf data) {
    for (int i = 0; i < copies.size(); i++) {
      copies.get(i).data(data.retainedDuplicate());
    }
    backend.data(data);
  }

  @Override
  public void ended(HttpHeaders trailers) {
    for (int i = 0; i < copies.size(); i++) {
      copies.get(i).ended(trailers);
    }
    backend.ended(trailers);
  }

  @Override
  public void dataComplete() {
    for (int i = 0; i < copies.size(); i++) {
      copies.get(i).dataComplete();
    }
    backend.dataComplete();
  }

  @Override
  public void writable() {
    backend.writable();
  }

  @Override
  public void failed(StreamFailure failure) {
    copies.forEach(MirroredRequest::cancel);
    backend.failed(failure);
  }
}
