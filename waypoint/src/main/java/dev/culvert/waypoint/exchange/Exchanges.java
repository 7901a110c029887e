// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.ClientStream;
import dev.culvert.waypoint.accept.ExchangeStarter;
import dev.culvert.waypoint.http.HttpStream;
import io.netty.handler.codec.http.HttpRequest;
import java.util.concurrent.atomic.LongAdder;

/**
 * The exchanges of a listener. A change replaces the chain as a whole: a request that began goes on
 * with the one that it began with.
 */
public final class Exchanges implements ExchangeStarter {
  private final LongAdder open = new LongAdder();
  private volatile Chain chain;

  public Exchanges(Chain chain) {
    this.chain = chain;
  }

  /** Requests from now on go through this chain. */
  public void replace(Chain next) {
    chain = next;
  }

  /** How many are under way now. */
  public long open() {
    return open.sum();
  }

  @Override
  public HttpStream.Events begin(ClientStream client, HttpRequest head) {
    Exchange exchange = new Exchange(client, head, chain, open);
    exchange.proceed();
    return exchange;
  }

  @Override
  public void rejected(ClientConnection connection, int status, String problem) {
    chain.observer().rejected(connection, status, problem);
  }
}
