// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * What is done to requests that go to one backend of a rule, and to what comes from it (Gateway
 * API, HTTPBackendRef, filters). Holds no state of a request.
 */
public interface BackendFilter {
  /**
   * An answer in place of the backend's.
   *
   * @param details for the access log
   */
  record Answer(int status, String details, HttpHeaders headers) {}

  /**
   * The client's connection.
   *
   * @param port of the listener
   */
  record Client(boolean secure, int port) {}

  /** Whether it may answer in place of the backend. */
  boolean mayAnswer();

  /**
   * Changes a request that goes there.
   *
   * @param head a copy of the request's
   * @return an answer in place of the backend's; null when the request goes on
   */
  @Nullable Answer request(HttpRequest head, Client client);

  /**
   * Changes the head of a response.
   *
   * @param asked the request as the rule's own filters left it
   */
  void response(HttpRequest asked, HttpResponse response);
}
