extension OpenAPI {
    /// A filter's grammar, as `FilterText` reads it.
    static let filter = #"""
        "Filter": {
          "description": "As imprag ask --filter takes it; at most 16 levels, 4096 conditions and values. Its JSON in a string will do",
          "anyOf": [
            {"type": "object", "additionalProperties": false, "required": ["field", "equals"],
              "properties": {"field": {"$ref": "#/components/schemas/Field"},
                "equals": {"$ref": "#/components/schemas/Scalar"}}},
            {"type": "object", "additionalProperties": false, "required": ["field", "in"],
              "properties": {"field": {"$ref": "#/components/schemas/Field"},
                "in": {"type": "array", "items": {"$ref": "#/components/schemas/Scalar"}}}},
            {"type": "object", "additionalProperties": false, "required": ["field"], "minProperties": 2,
              "properties": {"field": {"$ref": "#/components/schemas/Field"},
                "at_least": {"$ref": "#/components/schemas/Bound"}, "above": {"$ref": "#/components/schemas/Bound"},
                "at_most": {"$ref": "#/components/schemas/Bound"}, "below": {"$ref": "#/components/schemas/Bound"}},
              "allOf": [{"not": {"required": ["at_least", "above"]}}, {"not": {"required": ["at_most", "below"]}}]},
            {"type": "object", "additionalProperties": false, "required": ["all"],
              "properties": {"all": {"type": "array", "items": {"$ref": "#/components/schemas/Filter"}}}},
            {"type": "object", "additionalProperties": false, "required": ["any"],
              "properties": {"any": {"type": "array", "items": {"$ref": "#/components/schemas/Filter"}}}},
            {"type": "object", "additionalProperties": false, "required": ["not"],
              "properties": {"not": {"$ref": "#/components/schemas/Filter"}}}
          ]
        },
        "Field": {"type": "string", "minLength": 1, "maxLength": 128, "description": "Of the metadata; at most 128 bytes"},
        "Scalar": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Bound"}]},
        "Bound": {"type": "number", "minimum": -9223372036854775808, "maximum": 9223372036854775807}
        """#
}
