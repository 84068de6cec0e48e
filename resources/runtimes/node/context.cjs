// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The second argument of a handler, as on AWS Lambda.

const now = Date.now; // from before the user's code runs

/** What does not change between invocations: set once, by Init. */
let unchanging = null;

function describe(told) {
    unchanging = {
        functionVersion: told.function_version,
        functionName: told.function_name,
        memoryLimitInMB: told.memory_limit_in_mb,
        logGroupName: told.log_group_name,
        logStreamName: told.log_stream_name,
        invokedFunctionArn: told.invoked_function_arn,
    };
}

/** A literal of plain properties: accessors, or copying, would take several microseconds of each invocation. */
function makeContext(invocation) {
    const done = (error, result) => {
        if (error !== undefined && error !== null)
            invocation.fail(error);
        else
            invocation.succeed(result);
    };
    return {
        functionVersion: unchanging.functionVersion,
        functionName: unchanging.functionName,
        memoryLimitInMB: unchanging.memoryLimitInMB,
        logGroupName: unchanging.logGroupName,
        logStreamName: unchanging.logStreamName,
        clientContext: undefined,
        identity: undefined,
        invokedFunctionArn: unchanging.invokedFunctionArn,
        awsRequestId: invocation.id,
        getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - now()),
        done,
        succeed: (result) => invocation.succeed(result),
        fail: (error) => invocation.fail(error ?? 'handled'),
        callbackWaitsForEmptyEventLoop: true, // the handler may set it; read when it calls back
    };
}

function addCallerContext(context, sent) {
    for (const [ours, theirs] of [['client_context', 'clientContext'], ['identity', 'identity'], ['tenant_id', 'tenantId']]) {
        if (sent[ours] !== undefined)
            context[theirs] = sent[ours];
    }
}

module.exports = { makeContext, addCallerContext, describe };
