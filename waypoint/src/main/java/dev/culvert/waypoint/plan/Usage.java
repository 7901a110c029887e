// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

/** Hears of each request to an endpoint. Any thread; never waits. */
public interface Usage {
  /** Nobody. */
  Usage NONE =
      new Usage() {
        @Override
        public void began() {}

        @Override
        public void ended(Outcome outcome) {}
      };

  /** How a request ended, as far as it says something of its endpoint. */
  enum Outcome {
    /** With an answer. */
    ANSWERED,
    /** With an answer that the endpoint failed. */
    SERVER_ERROR,
    /** With an answer that nobody could be reached, or not in time. */
    GATEWAY_ERROR,
    /** Without an answer, by the endpoint's doing. */
    NO_ANSWER,
    /** By somebody else's doing. */
    UNKNOWN;

    /** What an answer of this status is. */
    public static Outcome of(int status) {
      if (status >= 502 && status <= 504) {
        return GATEWAY_ERROR;
      }
      return status >= 500 ? SERVER_ERROR : ANSWERED;
    }

    /** What the end of a call with this code is, by the status that it stands for in Envoy. */
    public static Outcome ofGrpc(String code) {
      return switch (code) {
        case "4", "14" -> GATEWAY_ERROR;
        case "2", "12", "13", "15" -> SERVER_ERROR;
        default -> ANSWERED;
      };
    }
  }

  /** One is sent. */
  void began();

  /** One that was sent is over; once for each. */
  void ended(Outcome outcome);
}
