internal import OneLogger

/// What the spans say.
extension RLMRunSink {
    func startAttributes(_ run: RLMRunStart, _ rules: ContentRules) -> Attributes {
        var all = Attributes()
        all.reserve(8 + run.parameters.count)
        all.add("rlm.run_id", .string(run.id))
        if let (text, isCut) = rules.kept(.task, run.task) {
            all.add("rlm.task", .string(text))
            if isCut { all.add("rlm.task_truncated", true) }
        }
        all.add("rlm.environment", .string(run.environment))
        all.add("rlm.max_steps", .int(run.integer(run.maxSteps, "max_steps") ?? 0))
        all.add("rlm.model", .string(run.text(run.model, "model") ?? "unknown"))
        if let depth = run.integer(run.depth, "depth") { all.add("rlm.depth", .int(depth)) }
        if let parent = run.effectiveParent { all.add("rlm.parent_run_id", .string(parent)) }
        for (key, value) in run.parameters where !RLMRunStart.typedParameters.contains(key) {
            all.add("rlm.params.\(key)", value)
        }
        return run.extras.merging(all)
    }

    func endAttributes(_ open: RLMRunTable.Open, _ end: RLMRunEnd, _ rules: ContentRules) -> Attributes {
        var all = Attributes()
        all.reserve(8)
        all.add("rlm.completed", .bool(end.isCompleted))
        all.add("rlm.total_steps", .int(end.steps ?? open.steps))
        all.add("rlm.total_reward", .double(end.totalReward ?? open.total))
        all.add("rlm.run_path", .string(end.runPath ?? ""))
        if let (text, isCut) = rules.kept(.error, end.error) {
            all.add("rlm.error", .string(text))
            if isCut { all.add("rlm.error_truncated", true) }
        }
        if let usage = end.usage {
            all.add("rlm.usage.total_calls", .int(usage.calls))
            all.add("rlm.usage.prompt_tokens", .int(usage.promptTokens))
            all.add("rlm.usage.completion_tokens", .int(usage.completionTokens))
        }
        return end.extras.merging(all)
    }

    func describe(
        _ span: inout TimedSpan, _ run: String, _ step: borrowing RLMStep, _ cumulativeReward: Double,
        _ rules: borrowing ContentRules
    ) {
        if !step.extras.isEmpty { span.set(step.extras) }
        span["rlm.run_id"] = run
        span["rlm.step"] = step.number ?? 0
        span["rlm.action_type"] = step.action ?? "unknown"
        span["rlm.reward"] = step.reward ?? 0
        span["rlm.cumulative_reward"] = cumulativeReward
        span["rlm.success"] = step.isSuccess ?? false
        if let depth = step.depth { span["rlm.depth"] = depth }
        if let branch = step.branch {
            span["rlm.branch.width"] = branch.width
            span["rlm.branch.selected_index"] = branch.selected
        }
        if let usage = step.usage {
            span["rlm.usage.total_calls"] = usage.calls
            span["rlm.usage.prompt_tokens"] = usage.promptTokens
            span["rlm.usage.completion_tokens"] = usage.completionTokens
        }
        if let type = step.errorType { span["error.type"] = type }
        let error = rules.kept(.error, step.error)
        if error?.isCut == true { span["rlm.error_truncated"] = true }
        if let (text, isCut) = rules.kept(.code, step.code) {
            span.event(Self.event("code_execution", "code", text, isCut, step.finishedAt))
        }
        if let (text, isCut) = rules.kept(.output, step.output) {
            span.event(Self.event("output", "output", text, isCut, step.finishedAt))
        }
        span.setStatus(step.status(error?.text))
    }

    private static func event(
        _ name: String, _ key: String, _ text: String, _ isCut: Bool, _ time: Timestamp?
    ) -> Event {
        Event(name, isCut ? [key: .string(text), "truncated": true] : [key: .string(text)], at: time)
    }
}
